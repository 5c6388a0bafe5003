# الدوائر والمجموعات والمتابعون. ترجمة آلية لم تُراجَع بعد.

circles-title = الدوائر والمجموعات
circles-told = الدائرة جمهور لك له اسم. ما تنشره إليها لا يقرؤه إلا من فيها. يرون اسمها، ولا يرون من فيها غيرهم.
circles-new = دائرة أو مجموعة جديدة
circles-kind = من ينشر إليها؟
circles-kind-mine = دائرة: أنت فقط
circles-kind-all = مجموعة: كل من فيها
circles-name = اسم الدائرة
circles-make = إنشاء الدائرة
circles-empty = لا دوائر ولا مجموعات بعد. أنشئ واحدة وأدخل إليها أشخاصًا.
circles-kind-circle = دائرة: أنت تنشر
circles-kind-group = مجموعة: الجميع ينشر
circles-edit = تعديل
circles-begin = إنشاء واحدة
circles-change = الاسم واللون
circles-change-colour = اللون
circles-unnamed = بلا اسم بعد
circles-rename = الاسم الجديد
circles-rename-told = يرى من فيها الاسم عند منشوراتك.
circles-colour = اللون، لك وحدك
circles-delete = حذف
circles-delete-title = حذف { $circle }؟
circles-delete-does = لا يمكن النشر إليها بعد ذلك، ولا يُخبَر أحد. وما نشرته إليها يبقى مقروءًا لمن كانوا فيها.
circles-members = فيها
circles-others = ليسوا فيها
circles-add-search = أدخِل شخصًا تتابعه
circles-more = { $count ->
    [zero] لا أحد غيرهم.
    [one] وواحد آخر. اكتب اسمًا للعثور عليه.
    [two] واثنان آخران. اكتب اسمًا للعثور عليهما.
    [few] و{ $count } آخرون. اكتب اسمًا للعثور عليهم.
    [many] و{ $count } آخرون. اكتب اسمًا للعثور عليهم.
   *[other] و{ $count } آخرون. اكتب اسمًا للعثور عليهم.
}
circles-add = إدخال
circles-add-label = إدخال { $name }
circles-remove = إخراج
circles-remove-label = إخراج { $name }
circles-remove-title = إخراج { $name } من { $circle }؟
circles-remove-does = ما نشرته حتى الآن يبقى مقروءًا لـ { $name }: لديه نسخة منه وتبقى. وما تنشره من الآن فصاعدًا لا يصل إليه.
circles-remove-more = لا يُخبَر. ويذهب مفتاح جديد إلى من يبقى.
circles-removed = أُخرج. وما نشرته حتى الآن يبقى مقروءًا له.
colour-any = أي لون
colour-orange = برتقالي
colour-green = أخضر
colour-teal = فيروزي
colour-blue = أزرق
colour-purple = بنفسجي
colour-yellow = أصفر

groups-name = اسم المجموعة
groups-make = إنشاء المجموعة
groups-told = المجموعة للحديث معًا: كل من فيها ينشر إليها ويقرأ كل ما يُنشر فيها ويرى من فيها. ومن تُدخله يُدعى أولًا.
groups-owner = أنشأ هذه المجموعة
groups-admin = مشرف: يُدخل الأشخاص ويُخرجهم
groups-admin-make = جعله مشرفًا
groups-admin-undo = لم يعد مشرفًا
groups-member-menu = ما يجوز لـ { $name }
groups-invited = مدعو، لم ينضم بعد
groups-invited-admin = مدعو مشرفًا، لم ينضم بعد
groups-waiting = بانتظار جهازه: يأخذ المفتاح عندما يتصل
groups-gone = لم يعد فيها
groups-add = دعوة
groups-add-label = دعوة { $name }
groups-add-search = ادعُ شخصًا تتابعه
groups-remove-does = ما نُشر حتى الآن يبقى مقروءًا لـ { $name }: لديه نسخة منه وتبقى. وما يُنشر من الآن فصاعدًا لا يصل إليه.
groups-remove-more = يُخبَر، ويرى الآخرون ذلك. ويذهب مفتاح جديد إلى من يبقى.
groups-close = إغلاق المجموعة
groups-close-title = إغلاق { $circle }؟
groups-close-does = لا يستطيع أحد النشر إليها بعد ذلك، ويُخبَر كل من فيها. وما نُشر يبقى مقروءًا لمن كانوا فيها.
groups-leave-title = مغادرة { $circle }؟
groups-leave-does = ما ينشره أعضاؤها من الآن فصاعدًا لا يصل إليك، ويُخبَرون بأنك غادرت. ما قرأته يبقى هنا، وما نشرته يبقى مقروءًا لهم.
ended-title = مجموعات انتهت بالنسبة إليك
ended-removed = أخرجك { $name } من { $group }.
ended-closed = أغلق { $name } { $group }.
ended-closed-own = أغلقتَ { $group }.
ended-left = لم تعد في { $group }.
ended-told = لن يقرأ أحد ما تكتبه هناك.
ended-stays = ما نُشر حتى ذلك الحين يبقى هنا.
invitation-label = دعوة إلى { $group }
invitation-accept = قبول: { $group }
invitation-decline = رفض: { $group }
invitation-block = حظر { $name } الذي يدعوك إلى { $group }
invitation-who = يدعوك { $name } إلى هذه المجموعة.
invitation-stranger = أنت لا تتابعه.
invitation-others = فيها أو مدعوون أيضًا: { $names }.
invitation-others-more = فيها أو مدعوون أيضًا: { $names } و{ $count } غيرهم.
invitation-told = إن قبلت نشرت إليها وقرأت ما ينشره أعضاؤها، وحفظ جهازك ما يكتبونه جميعًا ومرّره. وحتى ذلك الحين لا يُحمَّل شيء منها إلى هنا. وإن رفضت أُخبر أعضاؤها.
invitation-joined = أنت الآن في { $group }.
invitation-declined = رُفضت. وتُخبَر { $group }.
invitation-waits = { $count ->
    [zero] لست مدعوًا إلى أي مجموعة
    [one] أنت مدعو إلى مجموعة
    [two] أنت مدعو إلى مجموعتين
    [few] أنت مدعو إلى { $count } مجموعات
    [many] أنت مدعو إلى { $count } مجموعة
   *[other] أنت مدعو إلى { $count } مجموعة
}
audience-group = مجموعة
followers-title = يتابعونك
followers-empty = لم يخبرك أحد بذلك. ومن يتابع من دون أن يخبر لا يعلم به غيره.
followers-mutual = تتابعان بعضكما
followers-mutual-short = متبادلة
followers-drop = إسقاط
followers-drop-label = إسقاط { $name } من المتابعين
followers-drop-title = عدم إظهار { $name } متابعًا بعد الآن؟
followers-drop-does = يبقى قادرًا على قراءة ما تنشره للعموم: فهو للجميع. ولا يُخبَر، ولا يظهر هنا مجددًا.
follows-you = يتابعك
follow-tell = إخباره بأنني أتابعه
follow-tell-told = وإلا فلن يعلم أحد أنك تتابع. يذهب ذلك إليه وحده، مختومًا كالرسالة؛ ويمكنك التراجع عنه.
