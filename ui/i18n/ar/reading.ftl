# Reading: long lists, pictures that are looked at, threads, profiles.

picture-open-of = عرض الصورة: { $alt }
viewer-count = { $at } من { $count }
viewer-in = تقريب
viewer-out = إبعاد
viewer-next = الصورة التالية
viewer-previous = الصورة السابقة

thread-new = { $count ->
    [zero] لا جديد
    [one] واحد جديد
    [two] اثنان جديدان
    [few] { $count } جديدة
    [many] { $count } جديدًا
   *[other] { $count } جديد
}
thread-whole = عرض النقاش كله
thread-on = { $count ->
    [zero] متابعة هذا النقاش
    [one] متابعة هذا النقاش: رد واحد آخر
    [two] متابعة هذا النقاش: ردّان آخران
    [few] متابعة هذا النقاش: { $count } ردود أخرى
    [many] متابعة هذا النقاش: { $count } ردًا آخر
   *[other] متابعة هذا النقاش: { $count } رد آخر
}
comment-new = جديد

again = إعادة المحاولة

part-label = ما كتبوه
part-posts = المنشورات
part-comments = التعليقات
part-pictures = الصور
part-write = كتابة منشور
part-open-post = فتح المنشور
part-no-own-posts = لم تكتب شيئًا بعد. ما تنشره يظهر هنا.
part-no-comments = لا شيء هنا مما قالوه تحت المنشورات.
part-no-own-comments = ما تقوله تحت المنشورات يظهر هنا.
part-no-pictures = لا توجد هنا منشورات بصور.
part-no-own-pictures = الصور التي تنشرها تظهر هنا.
person-near = أعاد نشره أو علّق عليه أشخاص تتابعهم:
person-near-others = { $count ->
    [zero] ولا أحد غيرهم
    [one] وشخص آخر
    [two] وشخصان آخران
    [few] و{ $count } آخرون
    [many] و{ $count } آخرون
   *[other] و{ $count } آخر
}
